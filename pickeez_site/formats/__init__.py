"""How the admin writes times: the same for readers on both sides of the Atlantic."""
