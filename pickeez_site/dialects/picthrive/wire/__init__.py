"""What PicThrive's clients send and read, and how it is made of the domain's objects."""
