"""The name under which projects ask for their build backend; see build_meta."""
