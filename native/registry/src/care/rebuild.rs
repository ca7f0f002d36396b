//! The files that follow from the log and the archives, made anew: index, namespaces, proofs, trust roots.

use crate::data::Data;
use crate::error::Result;
use crate::sequencer::Sequencer;
use tokio::runtime::Runtime;

/// Makes them anew. Gives how many were not as they must be.
pub(crate) fn rebuild(data: &Data, runtime: &Runtime) -> Result<usize> {
    Sequencer::take_up(data.public()?, &data.keys(), data.share(runtime)?)?.derive_anew()
}
