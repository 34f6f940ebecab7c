"""The command line: `command` decides what runs, `parser` reads the words, `serve` is the default."""
