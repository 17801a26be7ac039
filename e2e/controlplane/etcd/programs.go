//go:build programs

// Package etcd pins the store of the control plane.
package etcd

import _ "go.etcd.io/etcd/server/v3"
