//! Paths that must be able to live side by side.

use super::{PackagePath, PathError, shown};
use std::collections::BTreeMap;

/// Paths of one package. Takes a path only if it clashes with none before it: no two are the same where
/// case is ignored, and no file is also a folder of another.
#[derive(Clone, Debug, Default)]
pub struct PathSet {
    /// Folded path -> path as written, where it differs.
    files: BTreeMap<String, Option<String>>,
    /// Folded folder of the last path taken: its parents need not be looked up again.
    folder: Option<String>,
}

impl PathSet {
    /// Starts with no paths.
    pub fn new() -> Self {
        Self::default()
    }

    /// Number of paths taken.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether no path was taken yet.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Takes a path. Which paths may stand together does not depend on the order they come in.
    ///
    /// # Errors
    /// [`PathError::Duplicate`] or [`PathError::FileAndFolder`], naming both paths; the set is unchanged.
    pub fn insert(&mut self, path: &PackagePath) -> Result<(), PathError> {
        let folded = path.fold();
        if let Some(other) = self.files.get_key_value(&folded) {
            return Err(PathError::Duplicate { path: shown(path.as_str()), other: written(other) });
        }
        let folder = folded.rfind('/').map(|slash| &folded[..slash]);
        if let Some(folder) = folder.filter(|folder| self.folder.as_deref() != Some(folder)) {
            for (slash, _) in folder.match_indices('/').chain([(folder.len(), "")]) {
                if let Some(file) = self.files.get_key_value(&folder[..slash]) {
                    return Err(PathError::FileAndFolder {
                        file: written(file),
                        below: shown(path.as_str()),
                    });
                }
            }
        }
        let inside = format!("{folded}/");
        if let Some(below) =
            self.files.range(inside.clone()..).next().filter(|(key, _)| key.starts_with(&inside))
        {
            return Err(PathError::FileAndFolder { file: shown(path.as_str()), below: written(below) });
        }
        self.folder = folder.map(str::to_owned);
        let original = (folded != path.as_str()).then(|| path.as_str().to_owned());
        self.files.insert(folded, original);
        Ok(())
    }
}

fn written((folded, original): (&String, &Option<String>)) -> String {
    shown(original.as_ref().unwrap_or(folded))
}
