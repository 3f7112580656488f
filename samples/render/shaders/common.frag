#version 330
// Shared by person.frag and room.frag: noise, one sun-like light with soft shadows, tone curve.
in vec3 at, facing, pattern;
in vec4 in_light;
in float arm_share;
flat in int kind;
out vec4 colour;
uniform vec3 eye, light, light_colour, ambient;
uniform sampler2D shadow_map;
uniform int shadow_mode;   // 0 look up, 1 all lit, 2 all in shadow
uniform float exposure;

float hash(vec3 p) { return fract(sin(dot(p, vec3(127.1, 311.7, 74.7))) * 43758.5453); }
float noise(vec3 p) {
    vec3 i = floor(p), f = fract(p);
    f = f * f * (3. - 2. * f);
    return mix(mix(mix(hash(i), hash(i + vec3(1, 0, 0)), f.x), mix(hash(i + vec3(0, 1, 0)), hash(i + vec3(1, 1, 0)), f.x), f.y),
               mix(mix(hash(i + vec3(0, 0, 1)), hash(i + vec3(1, 0, 1)), f.x), mix(hash(i + vec3(0, 1, 1)), hash(i + vec3(1, 1, 1)), f.x), f.y), f.z);
}
float grain(vec3 p) { return .6 * noise(p) + .3 * noise(p * 2.3); }

float lit(vec3 n) {
    if (shadow_mode > 0) return shadow_mode == 1 ? 1. : 0.;
    vec3 q = in_light.xyz * .5 + .5;
    if (q.x < 0. || q.x > 1. || q.y < 0. || q.y > 1.) return 1.;
    float bias = .0035 + .004 * (1. - max(dot(n, light), 0.)), sum = 0.;
    vec2 texel = 1.7 / vec2(textureSize(shadow_map, 0));
    for (int i = -1; i <= 1; i++)
        for (int j = -1; j <= 1; j++)
            sum += texture(shadow_map, q.xy + vec2(i, j) * texel).r > q.z - bias ? 1. : 0.;
    return sum / 9.;
}

vec4 shaded(vec3 tone, vec3 n, vec3 v, float wrap, float shine, float gloss, vec3 rim) {
    float direct = lit(n), facing_light = max((dot(n, light) + wrap) / (1. + wrap), 0.);
    vec3 sky = mix(ambient * .62, ambient, n.y * .5 + .5);
    vec3 fill = vec3(.16, .17, .19) * max(dot(n, normalize(vec3(-light.x, .4, -light.z))), 0.) + .18 * max(dot(n, v), 0.);
    vec3 c = tone * (sky + fill + light_colour * facing_light * mix(.12, 1., direct));
    c += shine * pow(max(dot(n, normalize(v + light)), 0.), gloss) * direct + tone * rim * (1. - max(dot(n, v), 0.));
    c *= exposure;
    return vec4(pow(max(c / (1. + .18 * c), 0.), vec3(1. / 1.12)), 1);
}
