#version 330
in vec4 in_light;
in vec3 facing;
out vec4 colour;
uniform sampler2D shadow_map, room_lit, room_shaded;
uniform vec3 light;
uniform vec2 resolution;
void main() {
    vec2 here = gl_FragCoord.xy / resolution;
    vec3 q = in_light.xyz * .5 + .5;
    float direct = 1.;
    if (q.x > 0. && q.x < 1. && q.y > 0. && q.y < 1.) {
        float bias = .0035 + .004 * (1. - max(dot(facing, light), 0.));
        vec2 texel = 1.7 / vec2(textureSize(shadow_map, 0));
        direct = 0.;
        for (int i = -1; i <= 1; i++)
            for (int j = -1; j <= 1; j++)
                direct += texture(shadow_map, q.xy + vec2(i, j) * texel).r > q.z - bias ? 1. : 0.;
        direct /= 9.;
    }
    colour = vec4(mix(texture(room_shaded, here).rgb, texture(room_lit, here).rgb, direct), 1);
}
