"""What can be asked about policies: drafting, reviewing, approving, publishing, filing, ending."""
