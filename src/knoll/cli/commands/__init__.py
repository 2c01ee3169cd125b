"""The commands: a file each, whose function of the same name is the command."""
