//! Builders and servers for Provost's own tests
