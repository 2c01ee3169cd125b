"""Operations joined: elementwise ones and max pooling with the kernel before them, steps by rows of their results."""
