// Opening lines of the entry point `main`. The body that follows them ends with the closing brace.

/** One invocation for each of `count` things (WGSL text): defines `index`, and returns beyond the end. */
export const invocationFor = (count: string): string => `@compute @workgroup_size(workgroupSize)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(num_workgroups) workgroups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let index = groupIndex(workgroup, workgroups) * workgroupSize + lane;
  if (index >= ${count}) { return; }`;

/** One workgroup for each tile: defines `group`; `inputs` are the built-ins that give the lane. */
export const workgroupFor = (
  inputs = '@builtin(local_invocation_index) lane: u32',
): string => `@compute @workgroup_size(workgroupSize)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(num_workgroups) workgroups: vec3u, ${inputs}) {
  let group = groupIndex(workgroup, workgroups);`;
