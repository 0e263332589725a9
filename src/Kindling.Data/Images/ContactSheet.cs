namespace Kindling.Data.Images;

/// <summary>One row of a <see cref="ContactSheet"/>.</summary>
/// <param name="Caption">The line above the row.</param>
/// <param name="Images">Images of one size and 1 or 3 channels, from left to right.</param>
public sealed record ContactSheetRow(string Caption, IReadOnlyList<Image> Images);

/// <summary>Many small images on one picture, in rows with captions.</summary>
public static class ContactSheet
{
    private const int Gap = 4;
    private const int SmallestCell = 96;

    /// <summary>Draws the sheet. Images below 96 pixels are enlarged by a whole number.</summary>
    /// <param name="title">Lines above everything; long ones are wrapped.</param>
    /// <param name="columns">A caption for each column.</param>
    /// <param name="rows">The rows, each with as many images as there are columns, all of one size.</param>
    /// <exception cref="ArgumentException">There is no row, or a row has another number of images or another size.</exception>
    public static Image Draw(IReadOnlyList<string> title, IReadOnlyList<string> columns, IReadOnlyList<ContactSheetRow> rows)
    {
        ArgumentNullException.ThrowIfNull(title);
        ArgumentNullException.ThrowIfNull(columns);
        ArgumentNullException.ThrowIfNull(rows);
        if (rows.Count == 0 || columns.Count == 0)
            throw new ArgumentException("A sheet has at least one row and one column.", nameof(rows));
        (int height, int width) = (rows[0].Images[0].Height, rows[0].Images[0].Width);
        if (rows.Any(r => r.Images.Count != columns.Count || r.Images.Any(i => i.Height != height || i.Width != width)))
            throw new ArgumentException($"Every row has {columns.Count} images of {width} x {height} pixels.", nameof(rows));
        int scale = Math.Max(1, SmallestCell / Math.Max(height, width));
        (int cellHeight, int cellWidth) = (height * scale, width * scale);
        int sheetWidth = Gap + (columns.Count * (cellWidth + Gap));
        List<string> lines = [.. title.SelectMany(line => Wrap(line, BitmapFont.Fits(sheetWidth - (2 * Gap))))];
        int rowHeight = BitmapFont.LineHeight + cellHeight + Gap, top = Gap + ((lines.Count + 1) * BitmapFont.LineHeight);
        var sheet = new Image(top + (rows.Count * rowHeight), sheetWidth, 3);
        sheet.Pixels.AsSpan().Fill(255);
        for (int line = 0; line < lines.Count; line++)
            BitmapFont.Draw(sheet, Gap + (line * BitmapFont.LineHeight), Gap, lines[line]);
        for (int column = 0; column < columns.Count; column++)
            BitmapFont.Draw(sheet, top - BitmapFont.LineHeight, Gap + (column * (cellWidth + Gap)), columns[column]);
        foreach (ContactSheetRow row in rows)
        {
            BitmapFont.Draw(sheet, top, Gap, row.Caption);
            for (int column = 0; column < columns.Count; column++)
                Place(sheet, row.Images[column], top + BitmapFont.LineHeight, Gap + (column * (cellWidth + Gap)), scale);
            top += rowHeight;
        }

        return sheet;
    }

    private static void Place(Image sheet, Image image, int top, int left, int scale)
    {
        for (int y = 0; y < image.Height * scale; y++)
        {
            for (int x = 0; x < image.Width * scale; x++)
            {
                for (int c = 0; c < 3; c++)
                    sheet.Pixels[((((top + y) * sheet.Width) + left + x) * 3) + c] = image[y / scale, x / scale, image.Channels == 1 ? 0 : c];
            }
        }
    }

    /// <summary>Lines of at most <paramref name="length"/> letters, broken at spaces where there are any.</summary>
    private static IEnumerable<string> Wrap(string line, int length)
    {
        while (line.Length > length && length > 0)
        {
            int space = line.LastIndexOf(' ', length);
            int end = space > 0 ? space : length;
            yield return line[..end];
            line = line[end..].TrimStart();
        }

        yield return line;
    }
}
