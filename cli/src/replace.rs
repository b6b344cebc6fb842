//! Files that are replaced whole: others see what was there before, or what is there then.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use crate::failure::{Failure, Result};

/// How long to wait for another process to be done with a file.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long to wait between two looks at its lock.
const PAUSE: Duration = Duration::from_millis(10);

/// A file on its way to be replaced, which only one process at a time can do.
///
/// What is written goes to `FILE.lock` beside it, which then takes its place; it is gone when the
/// replacement is given up.
#[derive(Debug)]
pub(crate) struct Replacement {
    target: PathBuf,
    lock: PathBuf,
    file: File,
    is_done: bool,
}

impl Replacement {
    /// Begins to replace a file, or to make it, once nobody else does; nobody but its owner can
    /// read what is made.
    pub(crate) fn begin(file: &Path) -> Result<Self> {
        // A link stays one.
        let target = fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
        let mut name = target.file_name().unwrap_or_default().to_owned();
        name.push(".lock");
        let lock = target.with_file_name(name);
        let start = Instant::now();
        loop {
            match create(&lock) {
                Ok(file) => return Ok(Self { target, lock, file, is_done: false }),
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                    return Err(failure(file, error));
                }
                Err(_) if start.elapsed() < PATIENCE => thread::sleep(PAUSE),
                Err(_) => return Err(locked(&lock)),
            }
        }
    }

    /// Whether there is a file already.
    pub(crate) fn replaces(&self) -> bool {
        fs::symlink_metadata(&self.target).is_ok()
    }

    /// Puts the new content in the place of the old, whose owner and permissions stay.
    pub(crate) fn finish(mut self, content: &[u8]) -> Result {
        self.write(content).map_err(|error| failure(&self.target, error))
    }

    fn write(&mut self, content: &[u8]) -> io::Result<()> {
        if self.replaces() {
            keep_access(&self.target, &self.file)?;
        }
        self.file.write_all(content)?;
        self.file.sync_all()?;
        fs::rename(&self.lock, &self.target)?;
        // From here on the lock may be another process's.
        self.is_done = true;
        sync_folder(&self.target)
    }
}

impl Drop for Replacement {
    fn drop(&mut self) {
        if !self.is_done {
            // There is nobody left to tell.
            let _ = fs::remove_file(&self.lock);
        }
    }
}

/// Makes a rename last: a key that sealed something may not be gone after a power failure.
///
/// A folder that its user may write to and not read cannot be synced; the file is replaced in it.
#[cfg(unix)]
fn sync_folder(file: &Path) -> io::Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    match File::open(folder.unwrap_or_else(|| Path::new("."))) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(()),
        folder => folder?.sync_all(),
    }
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

fn failure(file: &Path, error: io::Error) -> Failure {
    Failure::Io { name: file.display().to_string(), error }
}

fn locked(lock: &Path) -> Failure {
    let patience = PATIENCE.as_secs();
    let message = format!(
        "still there after {patience} seconds: another nestkey is changing the file; if none is, \
         one broke off, and the lock can be removed"
    );
    failure(lock, io::Error::new(io::ErrorKind::TimedOut, message))
}

fn create(lock: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(lock)
}

#[cfg(unix)]
fn keep_access(target: &Path, file: &File) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, fchown};

    let (old, new) = (fs::metadata(target)?, file.metadata()?);
    if (old.uid(), old.gid()) != (new.uid(), new.gid()) {
        fchown(file, Some(old.uid()), Some(old.gid()))?;
    }
    file.set_permissions(old.permissions())
}

#[cfg(not(unix))]
fn keep_access(target: &Path, file: &File) -> io::Result<()> {
    file.set_permissions(fs::metadata(target)?.permissions())
}
