"""What people wrote about time, as moments: pure, no store, no clock; every moment is passed in."""
