"""TabPy's client, as far as it is of use inside a cell: it speaks to the server that runs the cell, by one host call and not by HTTP."""
