// Types of a stylesheet: it is imported for its effect alone.
export {}
