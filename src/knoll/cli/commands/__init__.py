"""The commands, one file each: the function of the same name is the command, its parameters are the options."""
