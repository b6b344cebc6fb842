//! Keys: parameters, patterns, slots, parsing back and the collision proof.

#[path = "key/adversarial.rs"]
mod adversarial;
#[path = "key/collisions.rs"]
mod collisions;
#[path = "key/injective.rs"]
mod injective;
#[path = "key/languages.rs"]
mod languages;
#[path = "key/layouts.rs"]
mod layouts;
#[path = "key/speed.rs"]
mod speed;
#[path = "key/vectors.rs"]
mod vectors;
