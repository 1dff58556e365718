"""The named questions of the debate: each a filter, a pure function over the findings that fit, tables and a plot."""
