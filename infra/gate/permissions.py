"""The purposes and roles there are, by the policy that ships."""

from __future__ import annotations

from infra.policies import shipped_access_policy

PURPOSES = shipped_access_policy().terms()
ROLES = shipped_access_policy().roles
