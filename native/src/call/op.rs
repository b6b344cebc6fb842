//! Which options a call has.

/// Options of [`Namespace::clear`](crate::Namespace::clear).
#[derive(Debug)]
pub enum Clear {}
/// Options of [`Entry::expire`](crate::Entry::expire) and its family.
#[derive(Debug)]
pub enum Expire {}
/// Options of [`Entry::get_or_set`](crate::Entry::get_or_set).
#[derive(Debug)]
pub enum GetOrSet {}
/// Options of [`Entry::memory_usage`](crate::Entry::memory_usage).
#[derive(Debug)]
pub enum MemoryUsage {}
/// No options but the deadline.
#[derive(Debug)]
pub enum Plain {}
/// Options of [`Namespace::rotate`](crate::Namespace::rotate).
#[derive(Debug)]
pub enum Rotate {}
/// Options of [`SecretEntry::set`](crate::SecretEntry) and
/// [`PasswordEntry::set`](crate::PasswordEntry).
#[derive(Debug)]
pub enum Seal {}
/// Options of [`Entry::set`](crate::Entry::set).
#[derive(Debug)]
pub enum Set {}
/// Options of [`Entry::update`](crate::Entry::update).
#[derive(Debug)]
pub enum Update {}
/// Options of [`PasswordEntry::verify`](crate::PasswordEntry).
#[derive(Debug)]
pub enum Verify {}

/// What writes a value: [`Set`], [`Seal`], [`Update`] and [`GetOrSet`].
pub trait Writing: sealed::Sealed {}
/// What writes where something may stand already: all of these but [`GetOrSet`].
pub trait Overwriting: Writing {}
/// What stores something whole: [`Set`] and [`Seal`].
pub trait Storing: Overwriting {}

impl Writing for GetOrSet {}
impl Writing for Seal {}
impl Writing for Set {}
impl Writing for Update {}

impl Overwriting for Seal {}
impl Overwriting for Set {}
impl Overwriting for Update {}

impl Storing for Seal {}
impl Storing for Set {}

mod sealed {
    pub trait Sealed {}

    impl Sealed for super::GetOrSet {}
    impl Sealed for super::Seal {}
    impl Sealed for super::Set {}
    impl Sealed for super::Update {}
}
