#version 330
// The still room, drawn from two pictures made once: one lit, one in shadow.
uniform mat4 view_projection, light_projection;
in vec3 position, normal;
out vec4 in_light;
out vec3 facing;
void main() {
    in_light = light_projection * vec4(position, 1);
    facing = normal;
    gl_Position = view_projection * vec4(position, 1);
}
