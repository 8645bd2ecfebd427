"""What can be measured in a signal: plain functions over frozen records, no framework."""
