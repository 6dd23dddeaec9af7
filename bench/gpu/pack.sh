#!/usr/bin/env bash
# pack.sh [FOLDER]: packs into FOLDER (default .gpu) what an x86-64 Linux GPU host without Node, npm or internet needs to run
# the benchmark: Node itself, the npm package `webgpu` (Dawn), Debian's Vulkan loader, bench.mjs and its PyTorch peer.
set -euo pipefail
cd "$(dirname "$0")/../.."
out=${1:-.gpu}
npm run --silent bench -- --bundle
mkdir -p "$out/node_modules/webgpu/dist/linux-x64" "$out/deb"
if [[ ! -f $out/node.xz ]]; then
  node_bin=$(node -p process.execPath)
  strip -o "$out/node.tmp" "$node_bin" 2>/dev/null || cp "$node_bin" "$out/node.tmp"
  xz -T0 -6 -c "$out/node.tmp" >"$out/node.xz"
  rm "$out/node.tmp"
fi
for file in index.js package.json; do cp "node_modules/webgpu/$file" "$out/node_modules/webgpu/$file"; done
xz -6 -c node_modules/webgpu/dist/linux-x64/dawn.node >"$out/node_modules/webgpu/dist/linux-x64/dawn.node.xz"
# Only for hosts without a loader of their own.
(cd "$out/deb" && apt-get download libvulkan1 >/dev/null 2>&1) || echo "no apt-get: the host needs libvulkan.so.1 itself" >&2
cp dist/bench.mjs bench/gpu/run.sh bench/gpu/peer_torch.py "$out/"
du -sh "$out"
