"""What the fault suite is made of: a world to break, a child to kill, and the verdict on what is left."""
