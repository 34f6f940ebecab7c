"""The command line: `parser` and `commands` read the words, `command` decides what runs, `serve` is the default."""
