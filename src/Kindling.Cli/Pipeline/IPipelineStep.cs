namespace Kindling.Cli.Pipeline;

/// <summary>One step of a run.</summary>
internal interface IPipelineStep
{
    /// <summary>True when the run contains the step.</summary>
    bool AppliesTo(PipelineState state);

    /// <summary>Does it.</summary>
    void Run(PipelineState state);
}
