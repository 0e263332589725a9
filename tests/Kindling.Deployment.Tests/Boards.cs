namespace Kindling.Deployment.Tests;

/// <summary>What tests on simulated boards need.</summary>
internal static class Boards
{
    /// <summary>Skips the running test, saying what is missing, when compiler or simulator are not installed.</summary>
    public static void Require()
    {
        if (Toolchain.MissingForBoards() is [var missing, ..])
            Assert.Skip(missing.Message);
    }
}
