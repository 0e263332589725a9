return Kindling.Cli.Hosting.CommandHost.Run(args, Console.Out, Console.Error);
