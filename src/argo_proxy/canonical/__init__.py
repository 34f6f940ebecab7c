"""The hub: plain frozen values that every dialect, upstream and transform speaks. No I/O, no clock."""
