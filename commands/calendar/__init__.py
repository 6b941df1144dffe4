"""What can be asked about service calendars."""
