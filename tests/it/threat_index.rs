//! Which test covers which row of the threat model, and which published fault. A row whose tests were renamed or
//! deleted fails here.

use std::collections::BTreeSet;
use std::path::Path;

/// Rows of the threat model, as far as there is something to attack.
const ROWS: &[(&str, &[&str])] = &[
    ("T01", &["every_hostile_archive_ends_in_its_class", "a_client_refuses_what_a_mirror_altered", "a_damaged_frame_is_named_whatever_the_threads_do"]),
    ("T02", &["every_hostile_archive_ends_in_its_class", "every_changed_byte_is_detected", "no_flipped_bit_passes"]),
    ("T03", &["t03_a_download_that_is_cut_goes_on_where_it_stopped", "t03_a_download_that_is_always_cut_installs_nothing"]),
    ("T04", &["t04_bytes_behind_the_end_are_refused", "every_length_but_the_right_one_is_refused"]),
    ("T05", &["t05_another_range_than_asked_is_refused"]),
    ("T06", &["t06_an_archive_with_a_content_encoding_is_refused", "content_encoding_is_for_texts_only", "bodies_are_cut_off_and_limited"]),
    ("T07", &["t07_an_old_release_under_a_new_version_is_refused", "t07_the_file_of_another_version_is_refused"]),
    ("T08", &["t08_a_package_of_another_registry_is_refused", "stapled_records_of_another_registry_or_type_are_refused"]),
    ("T09", &["a_client_refuses_what_a_mirror_altered", "t76_an_older_index_in_an_older_copy_is_no_rollback"]),
    ("T10", &["t10_dependencies_that_the_author_did_not_sign_are_refused", "an_altered_index_is_refused"]),
    ("T11", &["t11_an_archive_without_its_signatures_is_refused", "t52_a_cached_archive_that_does_not_hold_is_brought_anew"]),
    ("T12", &["t12_an_index_file_signed_by_another_key_is_refused"]),
    ("T13", &["t13_two_contents_for_one_release_are_found_by_monitor_and_lockfile"]),
    ("T14", &["a_split_view_is_refused_and_kept_as_evidence", "t14_stapled_proofs_of_another_history_are_refused", "two_logs_of_one_size_are_a_split_view_with_both_as_evidence"]),
    ("T15", &["a_mirror_that_lags_behind_is_no_split_view", "t15_a_damaged_memory_is_no_first_contact", "only_a_dropped_log_key_lets_a_client_forget_the_log"]),
    ("T17", &["a_client_refuses_what_a_mirror_altered", "without_witnesses_the_log_alone_counts"]),
    ("T18", &["inclusion", "every_proof_of_small_logs_checks_and_no_other_does"]),
    ("T19", &["consistency", "t19_tiles_that_do_not_lead_from_the_old_log_to_the_new_are_refused"]),
    ("T20", &["t20_t33_a_release_that_no_key_of_the_namespace_signed_is_refused", "roles_and_packages_bound_what_a_key_may_sign"]),
    ("T21", &["the_chain_has_no_gaps", "revocations_never_disappear", "a_namespace_cannot_forget_its_records"]),
    ("T23", &["attested_policies_are_not_met_by_less"]),
    ("T25", &["t25_a_lie_is_forgotten_only_with_the_key_that_told_it", "only_a_dropped_log_key_lets_a_client_forget_the_log"]),
    ("T26", &["the_keys_of_a_namespace_change_by_signed_records", "a_stranger_may_not_release_and_a_revoked_key_no_more"]),
    ("T27", &["t27_t28_keys_change_only_by_enough_root_keys", "rotation_is_signed_by_old_and_new"]),
    ("T28", &["t27_t28_keys_change_only_by_enough_root_keys", "two_root_keys_must_both_sign_the_next_record"]),
    ("T29", &["t29_one_key_counts_once_in_a_record_of_the_namespace", "each_key_counts_once"]),
    ("T30", &["cctv_accepts_exactly_43_of_914", "weak_and_non_canonical_keys_are_refused", "t30_signatures_of_another_form_are_refused_in_notes_and_records"]),
    ("T31", &["t31_a_signature_over_something_else_is_no_release", "stapled_records_of_another_registry_or_type_are_refused", "checks_come_in_order"]),
    ("T32", &["t32_json_of_another_form_is_refused_wherever_it_stands", "malformed_envelopes_are_refused"]),
    ("T33", &["t20_t33_a_release_that_no_key_of_the_namespace_signed_is_refused", "the_key_id_only_chooses_the_key"]),
    ("T34", &["an_archive_that_clients_would_refuse_is_not_stored_whatever_is_said_of_it"]),
    ("T35", &["what_a_token_does_not_allow_is_refused_and_nothing_is_logged"]),
    ("T36", &["t36_passwords_of_addresses_are_shown_nowhere", "no_secret_is_shown_or_left", "a_program_that_is_run_sees_no_secret_of_this_machine", "nothing_of_a_proxy_is_shown"]),
    ("T37", &["a_token_does_not_follow_a_redirect_to_another_port", "a_token_for_the_registry_goes_to_the_registry_alone", "a_variable_that_names_no_registry_goes_to_none_that_only_a_project_names", "ambiguous_addresses_are_refused", "redirects_are_followed_with_care", "references_resolve_against_the_folder_and_never_lose_tls"]),
    ("T42", &["every_hostile_archive_ends_in_its_class", "the_program_extracts_none_of_them"]),
    ("T43", &["every_hostile_archive_ends_in_its_class", "archives_of_other_tools_are_listed_with_all_that_is_odd_in_them"]),
    ("T44", &["every_hostile_archive_ends_in_its_class", "tar_lists_exactly_the_tree", "what_tools_read_differently_is_refused"]),
    ("T45", &["every_hostile_archive_ends_in_its_class", "cve_2021_37712_names_that_are_equal_after_normalisation"]),
    ("T46", &["every_hostile_archive_ends_in_its_class", "modes_are_exact_whatever_the_umask"]),
    ("T47", &["every_hostile_archive_ends_in_its_class", "bombs_are_refused_before_decoding", "heads_of_bombs_are_refused"]),
    ("T48", &["every_hostile_archive_ends_in_its_class"]),
    ("T49", &["every_hostile_archive_ends_in_its_class"]),
    ("T50", &["every_hostile_archive_ends_in_its_class", "cve_2022_36113_the_marker_of_the_store"]),
    ("T51", &["links_are_not_followed"]),
    ("T52", &["t52_folders_that_everybody_may_write_to_are_refused", "t52_nothing_of_ours_is_open_to_others_whatever_the_umask", "t52_a_cached_archive_that_does_not_hold_is_brought_anew", "damage_in_the_store_is_replaced_by_the_next_install", "a_listing_that_came_with_the_project_is_not_believed"]),
    ("T53", &["a_killed_install_leaves_the_old_tools_or_the_new", "killed_anywhere_the_registry_verifies_and_a_rerun_converges", "a_killed_publish_loses_nothing_and_a_second_run_ends_it"]),
    ("T54", &["on_a_disk_that_is_full_at_any_moment_nothing_is_half_done", "on_a_disk_that_may_only_be_read_what_is_there_works"]),
    ("T55", &["names_that_cannot_be_registered_are_refused", "a_package_is_described_with_who_signed_it"]),
    ("T56", &["t56_what_is_locked_from_one_registry_is_not_taken_from_another", "a_namespace_belongs_to_one_registry"]),
    ("T57", &["t57_the_minimum_age_is_what_the_trust_root_says", "a_signer_that_the_chain_does_not_explain_is_an_error_naming_both", "a_pinned_key_is_the_only_one_that_counts"]),
    ("T58", &["t58_a_digest_swapped_in_a_lockfile_is_found_by_verify_lock", "t58_a_lockfile_vouches_for_no_other_log_entry"]),
    ("T59", &["t59_a_lockfile_that_holds_a_yanked_release_is_told_or_refused"]),
    ("T60", &["t60_the_words_of_others_are_shown_as_words", "the policy allows nothing but the page's own script"]),
    ("T61", &["packages_are_found_by_words_of_their_names"]),
    ("T62", &["t62: a page that the registry itself serves says that it cannot defend against it, and where else to check"]),
    ("T63", &["no_flipped_bit_passes", "every hostile archive ends in its class, status and exit, as a file and as a stream", "a cut or foreign file cannot be checked, which is an error and not a verdict"]),
    ("T66", &["a_split_view_is_refused_and_kept_as_evidence"]),
    ("T68", &["t68_a_slow_peer_is_given_up", "a_body_that_comes_in_drops_is_given_up", "a_body_that_drips_is_not_waited_for", "a_response_that_nobody_takes_is_given_up", "when_there_is_no_room_the_idle_make_way_and_requests_do_not"]),
    ("T70", &["publishing_the_same_content_again_changes_nothing"]),
    ("T71", &["publishing_the_same_content_again_changes_nothing", "two_writers_wait_for_each_other"]),
    ("T73", &["t73_each_delta_ends_as_its_case_says", "t73_whatever_is_wrong_with_a_delta_the_whole_archive_comes", "a_difference_is_what_its_columns_say", "an_update_fetches_the_delta_and_ends_as_a_fresh_install"]),
    ("T74", &["a_stapled_file_is_verified_offline_by_the_pinned_trust_root_alone"]),
    ("T83", &["t83_the_names_of_our_own_commands_are_refused_and_those_of_others_told"]),
    ("T75", &["a_registry_rotates_its_keys_and_clients_follow", "rotation_needs_both_thresholds"]),
    ("T76", &["t76_an_older_copy_is_told_and_serves_what_it_has", "t76_an_older_index_in_an_older_copy_is_no_rollback", "t76_a_copy_that_is_not_complete_proves_nothing", "t76_a_smaller_log_of_another_history_is_a_split_view", "an_older_whole_copy_serves_what_it_has"]),
    ("T77", &["t77_two_commands_at_once_do_not_accept_two_forks", "memories_of_two_histories_are_not_merged"]),
    ("T79", &["t79_gzip_of_many_members_is_linear", "t79_many_empty_pieces_ask_for_no_more_than_their_bytes", "t79_a_foreign_listing_is_linear_in_its_tar", "t79: a stream that does not end is read no further than its package goes", "trust_roots_are_not_followed_without_an_end"]),
    ("T80", &["t80_a_checked_frame_of_another_archive_is_refused", "t80_a_memory_counts_under_the_trust_root_it_was_made_under", "t80: a memory of another trust root is refused, and left as it is", "t80: a release that was opened by one policy is verified by that one, or anew by another, and never by none"]),
    ("T87", &["t87_an_upstream_that_fails_or_lies_changes_nothing", "t87_an_upstream_that_forks_is_refused_and_one_that_goes_back_is_older", "an_honest_mirror_behind_caches_is_never_called_an_attack"]),
    ("T88", &["t88_the_operators_own_network_is_out_of_reach", "addresses_of_ones_own_network_are_not_public"]),
    ("T86", &["t86_nothing_is_logged_while_the_clock_is_far_from_the_log", "a_clock_may_differ_a_little_and_a_registry_may_rest"]),
    ("T78", &["every_hostile_archive_ends_in_its_class", "the_program_extracts_none_of_them", "folders_count_as_files_do", "what_has_no_room_is_refused_before_it_is_written"]),
    ("T85", &["t85_a_locked_release_by_a_revoked_key_is_refused_or_told", "t85_another_signer_in_the_lockfile_hides_nothing", "t85_a_revocation_is_seen_at_an_address_and_silence_is_told"]),
    ("T84", &["nothing_is_written_through_a_link_out_of_the_project", "a_project_cannot_name_a_registry_by_plain_http"]),
    ("T81", &["t81: a stranger's link asks nothing of anybody, and is never green by a root that came with it"]),
    ("T82", &["t82_a_private_key_is_told_in_any_form_and_a_public_one_never_is", "t82: a pasted private key is refused with a warning, and never stored", "t82: what an earlier page stored by mistake is removed, and keeps no package from being checked"]),
];

/// Faults published about other programs.
const PUBLISHED: &[(&str, &[&str])] = &[
    ("zip-slip", &["zip_slip"]),
    ("CVE-2007-4559", &["cve_2007_4559_absolute_and_parent_members"]),
    ("CVE-2025-4517", &["cve_2025_4517_links_too_long_to_resolve"]),
    ("CVE-2021-32803", &["cve_2021_32803_a_link_in_place_of_a_known_folder"]),
    ("CVE-2021-32804", &["cve_2021_32804_more_than_one_leading_slash"]),
    ("CVE-2021-37701", &["cve_2021_37701_a_backslash_in_the_name_of_a_link"]),
    ("CVE-2021-37712", &["cve_2021_37712_names_that_are_equal_after_normalisation"]),
    ("CVE-2021-37713", &["cve_2021_37713_paths_relative_to_a_drive"]),
    ("RUSTSEC-2021-0080", &["rustsec_2021_0080_a_folder_made_through_a_link"]),
    ("RUSTSEC-2026-0067, CVE-2026-33056", &["rustsec_2026_0067_cve_2026_33056_a_mode_set_through_a_link"]),
    ("CVE-2022-36113", &["cve_2022_36113_the_marker_of_the_store"]),
    ("CVE-2026-5223", &["cve_2026_5223_a_link_over_a_neighbour"]),
    ("RUSTSEC-2026-0068, CVE-2026-33055", &["rustsec_2026_0068_cve_2026_33055_a_pax_size_beside_another"]),
    ("RUSTSEC-2025-0111, CVE-2025-62518", &["rustsec_2025_0111_cve_2025_62518_an_archive_hidden_in_a_file"]),
    ("RUSTSEC-2026-0112", &["rustsec_2026_0112_pax_records_for_the_wrong_member"]),
    ("RUSTSEC-2026-0113", &["rustsec_2026_0113_extensions_without_a_member"]),
    ("GHSA-3cv2-h65g-fgmm", &["ghsa_3cv2_h65g_fgmm_pax_before_a_long_name"]),
    ("node-tar 7.5.16", &["node_tar_7_5_16_a_pax_size_given_to_a_long_link"]),
    ("node-tar 7.5.21, CVE-2022-36114", &["node_tar_7_5_21_cve_2022_36114_unbounded_expansion"]),
    ("CVE-2026-5222", &["ambiguous_addresses_are_refused", "one_registry_has_one_form"]),
    ("CVE-2025-2885 to -2888, CVE-2022-29173", &["a_registry_rotates_its_keys_and_clients_follow", "t76_an_older_index_in_an_older_copy_is_no_rollback", "t15_a_damaged_memory_is_no_first_contact"]),
    ("CVE-2021-20271, CVE-2021-3421", &["t07_an_old_release_under_a_new_version_is_refused", "a_statement_about_something_else_is_tampering"]),
    ("leaf and node prefix swapped", &["leaf_and_node_prefix_swapped"]),
    ("index = size", &["index_equal_to_size"]),
    ("proof longer or shorter", &["proof_longer_or_shorter_than_needed"]),
    ("size1 = 0", &["an_old_size_of_zero"]),
    ("equal sizes, other roots", &["equal_sizes_with_other_roots"]),
    ("u64 overflow", &["sizes_that_overflow"]),
    ("u16 leaf limit", &["a_leaf_that_does_not_fit_its_length"]),
    ("note with CR, NUL, without its ends", &["notes_with_carriage_return_nul_or_without_their_ends", "malformed_notes_are_refused"]),
    ("key name with +", &["a_key_name_with_a_plus"]),
    ("partial tile without a checkpoint", &["a_partial_tile_without_a_checkpoint"]),
    ("bundle entry that does not hash to its tile", &["a_bundle_entry_that_does_not_hash_to_its_tile"]),
    ("state written before the checks", &["a_client_refuses_what_a_mirror_altered", "a_split_view_is_refused_and_kept_as_evidence"]),
    ("one key under two witness names", &["one_key_under_two_witness_names"]),
    ("quorum none without its warning", &["a_stapled_file_is_verified_offline_by_the_pinned_trust_root_alone"]),
];

/// Names of the functions, and of the tests in JavaScript, below a folder of sources.
fn functions(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            functions(&path, found);
            continue;
        }
        let (before, behind) = match path.extension().and_then(|extension| extension.to_str()) {
            Some("rs") => ("fn ", "("),
            Some("mjs") => ("test(\"", "\""),
            _ => continue,
        };
        let source = std::fs::read_to_string(&path).unwrap();
        let names = source.lines().filter_map(|line| line.trim_start().strip_prefix(before));
        found.extend(names.filter_map(|name| Some(name.split_once(behind)?.0.to_owned())));
    }
}

#[test]
fn every_threat_and_every_published_fault_has_its_tests() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut there = BTreeSet::new();
    for folder in ["tests/it", "tests/server", "core/src", "core/tests", "native/package/src", "native/registry/src", "wasm/js/test", "web-demo/e2e"] {
        functions(&root.join(folder), &mut there);
    }
    let mut missing = Vec::new();
    for (row, tests) in ROWS.iter().chain(PUBLISHED) {
        assert!(!tests.is_empty(), "{row}");
        missing.extend(tests.iter().filter(|test| !there.contains(**test)).map(|test| format!("{row}: {test}")));
    }
    assert!(missing.is_empty(), "{missing:#?}");
}
