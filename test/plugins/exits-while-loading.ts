/** Ends the process before the strategy exists. */
process.exit(0);
