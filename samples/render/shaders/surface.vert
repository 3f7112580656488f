#version 330
// Every visible surface: people, room and furniture.
uniform mat4 view_projection, light_projection;
in vec3 position;   // world, metres
in vec3 normal;
in vec3 rest;       // position in the rest pose: clothes and skin patterns stick to it
in float material;  // see person.frag and room.frag
in float arm;       // how far the point belongs to an arm, 0..1
out vec3 at, facing, pattern;
out vec4 in_light;
out float arm_share;
flat out int kind;
void main() {
    at = position; facing = normal; pattern = rest; arm_share = arm; kind = int(material + .5);
    in_light = light_projection * vec4(position, 1);
    gl_Position = view_projection * vec4(position, 1);
}
