"""What the network's API takes and gives. Ids are the public ones, times are UTC."""
