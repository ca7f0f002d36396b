//! The one integration binary: each module is an area, so that linking is paid once.

mod cli;
mod sandbox;
