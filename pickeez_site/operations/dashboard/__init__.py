"""The pictures on the admin's first page: `numbers` reads, `charts` draws, `figures` says what is to be seen."""
