"""The package that projects without meson name as their build backend; see build_meta."""
