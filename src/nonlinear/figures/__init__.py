"""The figures of the lessons, one module a lesson: each function takes plain arrays and returns a `Picture`."""
