using Kindling.Data.Images;

namespace Kindling.Data.Tests;

public sealed class ContactSheetTests
{
    [Fact]
    public void Images_stand_in_rows_under_their_captions_and_small_ones_are_enlarged()
    {
        var gray = new Image(20, 30, 1, [.. Enumerable.Repeat((byte)7, 600)]);
        Image color = TestImages.Picture(20, 30);

        Image sheet = ContactSheet.Draw(["two rows"], ["a", "b"], [new ContactSheetRow("first", [gray, color]), new ContactSheetRow("second", [color, gray])]);

        // Three times enlarged; a title line, a line of column captions, a caption above each row.
        Assert.Equal((4 + 20 + (2 * (10 + 60 + 4)), 4 + (2 * (90 + 4)), 3), (sheet.Height, sheet.Width, sheet.Channels));
        for (int y = 0; y < 60; y++)
        {
            for (int x = 0; x < 90; x++)
            {
                Assert.Equal(7, sheet[34 + y, 4 + x, 1]);
                Assert.Equal(color[y / 3, x / 3, 2], sheet[34 + y, 98 + x, 2]);
                Assert.Equal(7, sheet[108 + y, 98 + x, 0]);
            }
        }

        Assert.True(Enumerable.Range(4, 7).Any(y => sheet[y, 4, 0] == 0), "no title");
        Assert.Equal(255, sheet[0, 0, 0]);
    }

    [Fact]
    public void Long_titles_are_wrapped_and_every_letter_of_a_function_can_be_drawn()
    {
        var image = new Image(96, 96, 3);
        Image one = ContactSheet.Draw(["x"], ["a"], [new ContactSheetRow("", [image])]);
        Image three = ContactSheet.Draw(["random_rotation factor=0.1 fill_mode=reflect"], ["a"], [new ContactSheetRow("", [image])]);
        Assert.Equal(one.Height + (3 * BitmapFont.LineHeight), three.Height);
        foreach (char c in "abcdefghijklmnopqrstuvwxyz0123456789_.,()=-+%:/")
        {
            var letter = new Image(8, 8, 3);
            letter.Pixels.AsSpan().Fill(255);
            BitmapFont.Draw(letter, 0, 0, $"{c}");
            Assert.True(letter.Pixels.Contains((byte)0), $"'{c}' is blank");
        }
    }

    [Fact]
    public void Rows_of_other_lengths_or_sizes_are_refused()
    {
        var image = new Image(8, 8, 3);
        Assert.Throws<ArgumentException>(() => ContactSheet.Draw([], ["a", "b"], [new ContactSheetRow("", [image])]));
        Assert.Throws<ArgumentException>(() => ContactSheet.Draw([], ["a", "b"], [new ContactSheetRow("", [image, new Image(8, 9, 3)])]));
        Assert.Throws<ArgumentException>(() => ContactSheet.Draw([], ["a"], []));
    }
}
