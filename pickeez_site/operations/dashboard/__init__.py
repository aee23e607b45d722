"""The figures on the admin's first page: `queries` reads numbers, `charts` draws them, `figures` joins both."""
