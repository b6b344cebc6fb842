use uuid::Uuid;

use crate::{
    param::{AsParam, Param},
    value,
};

/// As a `uuid` parameter, or as its text.
impl AsParam for Uuid {
    fn as_param(&self) -> Param<'_> {
        Param::Uuid(self.into_bytes())
    }
}

impl From<Uuid> for value::Uuid {
    fn from(uuid: Uuid) -> Self {
        uuid.into_bytes().into()
    }
}

impl From<value::Uuid> for Uuid {
    fn from(uuid: value::Uuid) -> Self {
        Self::from_bytes(uuid.to_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_is_the_same_in_both_crates() {
        let theirs = Uuid::from_u128(0x12345678_1234_5678_1234_567812345678);
        let ours = value::Uuid::from(theirs);
        assert_eq!(ours.as_str(), "12345678-1234-5678-1234-567812345678");
        assert_eq!(Uuid::from(ours), theirs);
        assert_eq!(theirs.as_param(), Param::Uuid(ours.to_bytes()));
    }
}
