"""Moving a community in and out: the interchange format, importing, exporting."""
