"""A closed month as other programs take it: pure, the same bytes twice, and nothing is dropped in silence."""
