"""The model: demand, flows, program, engine, log, measures. No input, no output, no clock of its own."""
