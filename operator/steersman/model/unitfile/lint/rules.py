"""The rules: one word for each, and the function that looks for it."""

from collections.abc import Callable, Iterator, Mapping

from steersman.model.unitfile.lint import docker, etcd, placement, service, template, text
from steersman.model.unitfile.lint.source import Hit, Source

RULES: Mapping[str, Callable[[Source], Iterator[Hit]]] = {
    "BeforeSections": text.before_sections,
    "UnknownSection": text.unknown_section,
    "BrokenContinuation": text.broken_continuation,
    "SwallowedOption": text.swallowed_option,
    "CommentInValue": text.comment_in_value,
    "UnknownKey": placement.unknown_key,
    "Spelling": placement.spelling,
    "SelfConflict": placement.self_conflict,
    "DeadConflict": placement.dead_conflict,
    "DeadPeer": placement.dead_peer,
    "IgnoredMetadata": placement.ignored_metadata,
    "AlikeInstances": template.alike_instances,
    "SharedContainerName": template.shared_container_name,
    "SharedPort": template.shared_port,
    "NoCommand": service.no_command,
    "EndlessStart": service.endless_start,
    "EndlessRequest": service.endless_request,
    "UnsetVariable": service.unset_variable,
    "UnorderedBinding": service.unordered_binding,
    "AbandonedSidekick": service.abandoned_sidekick,
    "UnorderedDocker": service.unordered_docker,
    "InstallSection": service.install_section,
    "PullMustSucceed": docker.pull_must_succeed,
    "UnpinnedImage": docker.unpinned_image,
    "DetachedContainer": docker.detached_container,
    "DataInContainer": docker.data_in_container,
    "StopKills": docker.stop_kills,
    "StopMustSucceed": etcd.stop_must_succeed,
    "ShortLife": etcd.short_life,
    "TruncatingFetch": etcd.truncating_fetch,
    "UnusedConfiguration": etcd.unused_configuration,
}
