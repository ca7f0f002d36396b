//! Dependencies on other members of the workspace.

use crate::dependencies::relative;
use crate::env::Env;
use crate::error::Error;
use crate::manifest_edit::NewDependency;
use crate::message::{dependencies as text, project as project_text};
use crate::project::{Choice, Project};
use std::path::Path;
use vitte_package_core::diagnostic::{Code, Diagnostic};

/// Gives each dependency the folder of the workspace's member of its name, as seen from the project at `manifest`. Its
/// version is written with it, so that what is built can be published.
///
/// # Errors
/// `no-project` when there is no workspace; `not-found` for a name that no member has; `usage` for the project itself.
pub fn at_members(env: &Env, manifest: Option<&Path>, wanted: &mut [NewDependency]) -> Result<(), Error> {
    let project = Project::find(env, manifest)?;
    if project.root().is_none() {
        let fault = Diagnostic::new(Code::NoProject, project_text::no_workspace());
        return Err(fault.help(project_text::no_workspace_help()).into());
    }
    let names = wanted.iter().map(|new| new.name.clone()).collect();
    let members = Project::choose(env, Some(project.manifest_path()), &Choice::Named(names))?;
    for new in wanted {
        if &new.name == project.manifest().name() {
            return Err(Diagnostic::new(Code::Usage, text::own_dependency(new.name.as_str())).into());
        }
        let member = members.iter().find(|member| member.manifest().name() == &new.name);
        new.path = member.map(|member| {
            let way = relative(member.folder(), project.folder());
            let parts: Vec<_> = way.components().map(|part| part.as_os_str().to_string_lossy()).collect();
            parts.join("/")
        });
    }
    Ok(())
}
