//! Shapes: namespaces that stand in several places.

use alloc::{format, vec::Vec};

use super::{
    build::{Builder, MAX_DEPTH},
    read::{At, DeclaredNamespace},
};

/// A namespace, its shape, that one's shape: what the first of them says wins, the last one has the
/// keys and namespaces. Then the numbers of the shapes.
type Shaped<'b> = (Vec<&'b DeclaredNamespace<'b>>, Vec<usize>);

impl<'b> Builder<'b, '_> {
    /// None where it has no end.
    pub(super) fn shaped(
        &mut self,
        declared: &'b DeclaredNamespace<'b>,
        path: &str,
    ) -> Option<Shaped<'b>> {
        let (mut shaped, mut numbers) = (Vec::from([declared]), Vec::new());
        let mut last = declared;
        while let Some(At { at, is: name }) = last.shape {
            let number = self.shape_names.find(name);
            let Some((number, shape)) = number.and_then(|it| Some((it, self.shapes.get(it)?)))
            else {
                self.checker.issues.add(at, path, format!("there is no shape `{name}`"));
                break;
            };
            self.used[number] = true;
            if self.standing[number] {
                let message = format!("the shape `{name}` stands inside of itself");
                self.checker.issues.add(at, path, message);
                return None;
            }
            if shaped.len() > self.shapes.len().min(MAX_DEPTH) {
                let message = match shaped.len() > self.shapes.len() {
                    true => format!("the shape `{name}` comes back to itself"),
                    false => format!("more than {MAX_DEPTH} shapes that use each other"),
                };
                self.checker.issues.add(at, path, message);
                return None;
            }
            if !(last.keys.is_empty() && last.children.is_empty()) {
                let message = "a namespace that uses a shape declares no keys or namespaces itself";
                self.checker.issues.add(at, path, message);
            }
            shaped.push(shape);
            numbers.push(number);
            last = shape;
        }
        Some((shaped, numbers))
    }

    /// Checks what is said again nearer to the place: it counts nowhere there, and is to be right.
    pub(super) fn overridden(
        &mut self,
        shaped: &[&DeclaredNamespace<'_>],
        prefix: At<&str>,
        path: &str,
    ) {
        for (index, shape) in shaped.iter().enumerate().skip(1) {
            let nearer = shaped.get(..index).unwrap_or_default();
            if nearer.iter().any(|nearer| nearer.ttl.is_some()) {
                self.checker.ttl(shape.ttl, path);
            }
            if nearer.iter().any(|nearer| nearer.renew.is_some()) {
                self.checker.renew(shape.renew, path);
            }
            let says_prefix = shape.prefix.is_some_and(|own| own.at != prefix.at);
            if says_prefix || nearer.iter().any(|nearer| !nearer.params.is_empty()) {
                let At { at, is } = shape.prefix.unwrap_or(prefix);
                let template = self.checker.template(is, at, path);
                self.checker.params(&template, &shape.params, at, path, &[]);
            }
        }
    }
}
