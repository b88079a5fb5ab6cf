/** Ends the process before there is a strategy. */
process.exit(0);
