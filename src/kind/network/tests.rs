//! Values that the kind refuses, and what it renders.
