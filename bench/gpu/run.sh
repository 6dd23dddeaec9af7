#!/usr/bin/env bash
# run.sh SCRIPT [ARG …]: on the GPU host, in the folder that pack.sh made: unpacks what is still packed, runs the script.
set -euo pipefail
cd "$(dirname "$0")"
[[ -x node ]] || { xz -dc node.xz >node && chmod +x node; }
dawn=node_modules/webgpu/dist/linux-x64/dawn.node
[[ -f $dawn ]] || xz -dc "$dawn.xz" >"$dawn"
if ! ldconfig -p | grep -q libvulkan.so.1; then
  mkdir -p vulkan && for deb in deb/*.deb; do dpkg -x "$deb" vulkan; done
  export LD_LIBRARY_PATH=$PWD/vulkan/usr/lib/x86_64-linux-gnu${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
fi
# The driver's manifest, where the loader does not find one by itself.
icd=/usr/local/nvidia/share/vulkan/icd.d/nvidia_icd.json
if [[ -z ${VK_DRIVER_FILES:-} && -f $icd ]] &&
  ! ls /etc/vulkan/icd.d/*.json /usr/share/vulkan/icd.d/*nvidia*.json >/dev/null 2>&1; then
  export VK_DRIVER_FILES=$icd VK_ICD_FILENAMES=$icd
fi
exec ./node "$@"
