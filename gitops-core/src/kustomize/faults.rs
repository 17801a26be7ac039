//! The errors of one step of a render, gathered so that a user sees all of them at once.
//!
//! Only errors that do not follow from each other are gathered: a step begins when the one before it had none.

use super::error::RenderError;

/// The most errors that one render gathers: the next one ends it at once.
const MOST: usize = 20;

/// The errors of one step.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    errors: Vec<RenderError>,
}

impl Faults {
    /// The value of `result`; keeps its error, so that the step can go on.
    ///
    /// # Errors
    /// What ends the render at once: what the caller has to load or to fetch, or one error too many.
    pub(crate) fn take<T>(&mut self, result: Result<T, RenderError>) -> Result<Option<T>, RenderError> {
        match result {
            Ok(value) => Ok(Some(value)),
            Err(error @ (RenderError::Missing { .. } | RenderError::Remote { .. })) => Err(error),
            Err(RenderError::Several { errors }) => {
                self.errors.extend(errors);
                self.stop_when_full().map(|()| None)
            }
            Err(error) => {
                if !self.follows(&error) {
                    self.errors.push(error);
                }
                self.stop_when_full().map(|()| None)
            }
        }
    }

    /// Whether `error` may be the consequence of one that is known: a patch of an object that an earlier patch
    /// failed to change.
    fn follows(&self, error: &RenderError) -> bool {
        let RenderError::Patch { object: Some(object), .. } = error else { return false };
        self.errors.iter().any(
            |known| matches!(known, RenderError::Patch { object: Some(patched), .. } if patched == object),
        )
    }

    fn stop_when_full(&mut self) -> Result<(), RenderError> {
        if self.errors.len() < MOST { Ok(()) } else { std::mem::take(self).finish() }
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.errors.is_empty()
    }

    /// The end of the step: all errors as one.
    pub(crate) fn finish(mut self) -> Result<(), RenderError> {
        match self.errors.len() {
            0 => Ok(()),
            1 => self.errors.pop().map_or(Ok(()), Err),
            _ => Err(RenderError::Several { errors: self.errors }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Location;

    fn error(message: &str) -> RenderError {
        RenderError::Invalid { at: Location::default(), message: message.to_owned() }
    }

    #[test]
    fn errors_are_gathered_up_to_a_bound() {
        let mut faults = Faults::default();
        assert_eq!(faults.take(Ok(1)).unwrap(), Some(1));
        assert_eq!(faults.take::<()>(Err(error("a"))).unwrap(), None);
        assert!(matches!(
            faults.take::<()>(Err(RenderError::Missing { paths: vec![] })),
            Err(RenderError::Missing { .. })
        ));
        faults.take::<()>(Err(error("b"))).unwrap();
        let RenderError::Several { errors } = faults.finish().unwrap_err() else { panic!("not several") };
        assert_eq!(errors.len(), 2);
        let mut faults = Faults::default();
        let stopped = (0..MOST).find_map(|_| faults.take::<()>(Err(error("a"))).err());
        assert!(stopped.is_some());
    }
}
