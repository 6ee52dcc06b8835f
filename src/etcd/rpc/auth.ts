/**
 * The auth service of a member whose authentication is off and that has no users and no roles, which is what etcd
 * answers then. What would create a user or a role is not implemented.
 */
import { EtcdError, type EtcdErrorCode } from "../errors.ts";
import {
  newAuthDisableResponse,
  newAuthRoleListResponse,
  newAuthStatusResponse,
  newAuthUserListResponse,
} from "../wire/etcdserverpb.ts";
import { type ServiceHandlers, unary } from "./handler.ts";
import type { MemberInfo } from "./member-info.ts";
import { grpcCode, RpcError } from "./status.ts";

/** The auth store's revision before its first change. */
const AUTH_REVISION = 1;

export function authHandlers(member: MemberInfo): ServiceHandlers<"etcdserverpb.Auth"> {
  const header = () => member.header();
  return {
    AuthEnable: unary(() => refuse("rootUserNotExist")),
    AuthDisable: unary(() => Promise.resolve(newAuthDisableResponse({ header: header() }))),
    AuthStatus: unary(() =>
      Promise.resolve(newAuthStatusResponse({ header: header(), enabled: false, authRevision: AUTH_REVISION })),
    ),
    Authenticate: unary(() => refuse("authNotEnabled")),
    UserAdd: unary(() => refuseCreate("UserAdd")),
    UserGet: unary(() => refuse("userNotFound")),
    UserList: unary(() => Promise.resolve(newAuthUserListResponse({ header: header() }))),
    UserDelete: unary(() => refuse("userNotFound")),
    UserChangePassword: unary(() => refuse("userNotFound")),
    UserGrantRole: unary(() => refuse("userNotFound")),
    UserRevokeRole: unary(() => refuse("userNotFound")),
    RoleAdd: unary(() => refuseCreate("RoleAdd")),
    RoleGet: unary(() => refuse("roleNotFound")),
    RoleList: unary(() => Promise.resolve(newAuthRoleListResponse({ header: header() }))),
    RoleDelete: unary(() => refuse("roleNotFound")),
    RoleGrantPermission: unary((request) => refuse(request.perm === null ? "permissionNotGiven" : "roleNotFound")),
    RoleRevokePermission: unary(() => refuse("roleNotFound")),
  };
}

function refuse(code: EtcdErrorCode): Promise<never> {
  return Promise.reject(new EtcdError(code));
}

function refuseCreate(method: string): Promise<never> {
  const details = `${method} is not implemented: authentication is not available yet`;
  return Promise.reject(new RpcError(grpcCode.unimplemented, details));
}
